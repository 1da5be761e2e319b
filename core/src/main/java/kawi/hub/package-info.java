/**
 * Models from a Hugging Face hub: references such as {@code hf:Qwen/Qwen3.5-0.8B}, the cache that is shared with the
 * Python client, and downloads that resume after lost connections and killed processes. {@link kawi.hub.Hub} is the
 * entry point. No connection is made unless such a reference is given.
 */
@NullMarked
package kawi.hub;

import org.jspecify.annotations.NullMarked;
