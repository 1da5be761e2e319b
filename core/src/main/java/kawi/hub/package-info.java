/**
 * Models from a Hugging Face hub: what a reference such as {@code hf:Qwen/Qwen3.5-0.8B} means, the cache that is shared with the Python client, and
 * downloads that survive cut connections and killed processes. {@link kawi.hub.Hub} is the door; nothing here runs, and no connection is made, unless
 * somebody gives such a reference.
 */
@NullMarked
package kawi.hub;

import org.jspecify.annotations.NullMarked;
