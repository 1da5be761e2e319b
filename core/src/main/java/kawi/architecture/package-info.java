/**
 * What decoders of all families are made of, and nothing of any one of them. A {@link kawi.architecture.Stack} runs a
 * {@link kawi.architecture.Batch} of rows through layers; a layer is a {@link kawi.architecture.Mixer} and an
 * {@link kawi.architecture.Mlp} on a {@link kawi.architecture.ResidualStream}; what a layer remembers of a sequence is
 * its {@link kawi.architecture.LayerState}, what it computes in is a {@link kawi.architecture.Workspace}. Each of these
 * can be replaced alone.
 *
 * <ul>
 *   <li>An architecture is a package of its own below this one: its configuration, its weights as a
 *   {@link kawi.architecture.Blueprint}, a
 *       mapping of each kind of file, and a class that declares its layers; {@code qwen35} is the model for it. It sees
 *       this package, {@code kawi.compute} and {@code kawi.checkpoint}, never another family. {@code registry} knows
 *       all families.
 *   <li>A mixer, an MLP or a layer state that only one family has lives in that family's package; one that several
 *   have, here.
 *   <li>A residual stream that any family can have lives in {@code residual}.
 *   <li>Arithmetic on more than a few numbers per row goes into {@code kawi.kernels}.
 * </ul>
 */
@NullMarked
package kawi.architecture;

import org.jspecify.annotations.NullMarked;
