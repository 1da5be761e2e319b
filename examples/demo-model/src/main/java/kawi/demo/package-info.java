@NullMarked
package kawi.demo;

import org.jspecify.annotations.NullMarked;
