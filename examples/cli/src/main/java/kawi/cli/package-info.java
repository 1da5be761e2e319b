/**
 * The {@code kawi} command. {@link kawi.cli.Kawi} selects the command; each command is a class. Commands share their
 * options ({@link kawi.cli.ModelOptions}, {@link kawi.cli.GenerationOptions}) and the {@link kawi.cli.Terminal}, their
 * input and output.
 *
 * <p>A conversation consists of a {@link kawi.cli.ChatSession}, its state, a {@link kawi.cli.Conversation}, its control
 * flow, and a {@link kawi.cli.ChatFront}, its user interface: {@link kawi.cli.TerminalFront} on a terminal, {@link
 * kawi.cli.PipeFront} in a pipe. {@link kawi.cli.JsonLines} is for programs.
 *
 * <p>This is an application on the class path that uses only Kawi's public packages, {@code kawi},
 * {@code kawi.demo} and {@code kawi.server}.
 */
@NullMarked
package kawi.cli;

import org.jspecify.annotations.NullMarked;
