/**
 * The {@code kawi} command: {@link kawi.cli.Kawi} finds the command among the arguments, a class for each command does
 * it. What commands share are their options ({@link kawi.cli.ModelOptions}, {@link kawi.cli.GenerationOptions}) and the
 * {@link kawi.cli.Terminal} that they read and write.
 *
 * <p>This is an application on the class path. It goes through Kawi's public packages where it runs a model, and looks
 * behind them where it reports what is there.
 */
@NullMarked
package kawi.cli;

import org.jspecify.annotations.NullMarked;
