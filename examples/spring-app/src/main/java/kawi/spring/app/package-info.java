/** A Spring Boot application that answers with a language model in its own process. */
@NullMarked
package kawi.spring.app;

import org.jspecify.annotations.NullMarked;
