/**
 * The {@code kawi} command: {@link kawi.cli.Kawi} finds the command among the arguments, a class for each command does
 * it. What commands share are their options ({@link kawi.cli.ModelOptions}, {@link kawi.cli.GenerationOptions}) and the
 * {@link kawi.cli.Terminal} that they read and write.
 *
 * <p>A conversation is a {@link kawi.cli.ChatSession}, its state, and a {@link kawi.cli.Conversation}, its course, with a {@link kawi.cli.ChatFront}
 * at the other side: {@link kawi.cli.TerminalFront} for a person, {@link kawi.cli.PipeFront} for a file. {@link kawi.cli.JsonLines} is one for programs.
 *
 * <p>This is an application on the class path. It goes through Kawi's public packages where it runs a model, and looks
 * behind them where it reports what is there.
 */
@NullMarked
package kawi.cli;

import org.jspecify.annotations.NullMarked;
