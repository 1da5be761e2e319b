/** Writes models in other weight formats: which format each matrix gets, and the importance of its columns. */
@NullMarked
package kawi.quantize;

import org.jspecify.annotations.NullMarked;
