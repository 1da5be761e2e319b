/**
 * The parts of decoders that are common to all families of models. A {@link kawi.architecture.Stack} runs a
 * {@link kawi.architecture.Batch} of rows through layers; a layer is a {@link kawi.architecture.Mixer} and an
 * {@link kawi.architecture.Mlp} on a {@link kawi.architecture.ResidualStream}; a layer's state for a sequence is a
 * {@link kawi.architecture.LayerState}, its buffers are a {@link kawi.architecture.Workspace}. Each of these can be
 * replaced independently.
 *
 * <ul>
 *   <li>An architecture is a package of its own below this one: its configuration, its weights as a {@link
 *       kawi.architecture.Blueprint}, a mapping of each kind of file, and a class that declares its layers; {@code
 *       qwen35} is an example. It depends on this package, {@code kawi.compute} and {@code kawi.checkpoint}, never on
 *       another family. {@code registry} lists all families.
 *   <li>A mixer, an MLP or a layer state of only one family belongs in that family's package; one that several families
 *       use belongs here.
 *   <li>A residual stream that any family can use belongs in {@code residual}.
 *   <li>Arithmetic on more than a few numbers per row belongs in {@code kawi.kernels}.
 * </ul>
 */
@NullMarked
package kawi.architecture;

import org.jspecify.annotations.NullMarked;
