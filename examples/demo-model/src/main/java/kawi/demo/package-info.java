/** A small model to try Kawi with: {@link kawi.demo.DemoModel}. */
@NullMarked
package kawi.demo;

import org.jspecify.annotations.NullMarked;
