/** A small model for trying Kawi: {@link kawi.demo.DemoModel}. */
@NullMarked
package kawi.demo;

import org.jspecify.annotations.NullMarked;
