@NullMarked
package kawi.cli;

import org.jspecify.annotations.NullMarked;
