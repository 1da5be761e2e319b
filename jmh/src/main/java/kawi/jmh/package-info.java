@NullMarked
package kawi.jmh;

import org.jspecify.annotations.NullMarked;
