@NullMarked
package kawi.kernels;

import org.jspecify.annotations.NullMarked;
