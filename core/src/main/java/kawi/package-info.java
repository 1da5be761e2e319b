@NullMarked
package kawi;

import org.jspecify.annotations.NullMarked;
