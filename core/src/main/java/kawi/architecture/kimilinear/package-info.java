/**
 * The Kimi Linear family: {@link kawi.architecture.kimilinear.KimiLinearConfig} has the sizes,
 * {@link kawi.architecture.kimilinear.KimiLinearWeights} the tensors by role,
 * {@link kawi.architecture.kimilinear.KimiLinearHuggingFace} finds them in a folder, and
 * {@link kawi.architecture.kimilinear.KimiLinear} declares the decoder. Only the registry of architectures depends on
 * this package.
 */
@NullMarked
package kawi.architecture.kimilinear;

import org.jspecify.annotations.NullMarked;
