/**
 * Models from a Hugging Face hub: references such as {@code hf:Qwen/Qwen3.5-0.8B}, the cache that is shared with the
 * Python client, and downloads that resume after lost connections and killed processes. {@link kawi.hub.Hub} is the
 * entry point. No connection is made unless such a reference is given.
 *
 * <p>The variables of the Python client count: {@link kawi.hub.HubEnvironment} for the hub, the cache, the token and
 * the offline mode, {@link kawi.hub.HubNetwork} for proxies and certificates. System properties of the JVM come before
 * them. Every message about a connection names the proxy that it goes through, without its credentials.
 */
@NullMarked
package kawi.hub;

import org.jspecify.annotations.NullMarked;
