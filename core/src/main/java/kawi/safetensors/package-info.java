/**
 * Safetensors files and the Hugging Face folders made of them.
 *
 * <p>Format: the section "Format" of the README of github.com/huggingface/safetensors; where that is silent,
 * {@code safetensors/src/tensor.rs} there.
 */
@NullMarked
package kawi.safetensors;

import org.jspecify.annotations.NullMarked;
