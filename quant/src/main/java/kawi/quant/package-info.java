@NullMarked
package kawi.quant;

import org.jspecify.annotations.NullMarked;
