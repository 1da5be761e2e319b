package kawi.spark;

import java.io.Serializable;
import java.util.function.UnaryOperator;
import kawi.Prompt;

/**
 * Sets options of the prompt of a row, such as {@code prompt -> prompt.temperature(0.3).thinking(false)}. It is sent to
 * the executors, so it must be serializable, and must depend on nothing but its argument.
 */
@FunctionalInterface
public interface PromptOptions extends UnaryOperator<Prompt>, Serializable {}
