/** Run language models inside any Java process; start at {@link kawi.Model}. */
@NullMarked
package kawi;

import org.jspecify.annotations.NullMarked;
