/**
 * Which family a checkpoint belongs to: {@link kawi.architecture.registry.Architectures} is the only class that knows
 * all of them, and no family knows it. A new family adds one line here.
 */
@NullMarked
package kawi.architecture.registry;

import org.jspecify.annotations.NullMarked;
