/**
 * Finds the family of a checkpoint. {@link kawi.architecture.registry.Architectures} is the only class that depends on
 * all families, and no family depends on it. A new family adds one line here.
 */
@NullMarked
package kawi.architecture.registry;

import org.jspecify.annotations.NullMarked;
