@NullMarked
package kawi.tokenizer;

import org.jspecify.annotations.NullMarked;
