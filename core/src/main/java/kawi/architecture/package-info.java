/**
 * Model architectures, one file per family. A decoder layer is a {@link kawi.architecture.Mixer} and a
 * {@link kawi.architecture.GatedMlp} on a {@link kawi.architecture.ResidualStream}; what a layer remembers of a sequence is its
 * {@link kawi.architecture.LayerState}. Families differ in each of these four, so each can be replaced alone.
 */
@NullMarked
package kawi.architecture;

import org.jspecify.annotations.NullMarked;
