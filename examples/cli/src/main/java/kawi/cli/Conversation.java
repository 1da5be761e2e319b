package kawi.cli;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import kawi.ContextLengthException;
import kawi.FinishReason;
import kawi.Reply;
import kawi.Turn;

/** Reads messages and commands, and shows answers, until the end of the input. */
final class Conversation {

    /** What to do when the context is full. */
    private static final String FULL = "/undo N removes the last N messages, /clear removes all; chat --ctx N sets the "
            + "length of the context, up to that of the model, and chat --context-policy drop-oldest drops old "
            + "messages";

    private static final DroppedImages NONE = new DroppedImages("", List.of());

    private final ChatSession session;
    private final ChatFront front;
    private final SlashCommands commands;
    private boolean failed;

    Conversation(ChatSession session, ChatFront front) {
        this.session = session;
        this.front = front;
        this.commands = new SlashCommands(session, this::answer, front::say);
    }

    /** Returns the names of the commands. */
    Set<String> commands() {
        return commands.names();
    }

    /** Runs to the end; returns whether everything succeeded. */
    boolean run() throws IOException {
        boolean running = true;
        while (running) {
            String line = front.read();
            running = line != null && respond(line);
        }
        return !failed;
    }

    /** Returns whether the conversation continues. */
    private boolean respond(String line) {
        try {
            String text = line.stripLeading();
            if (commands.isCommand(text)) {
                return commands.run(text);
            }
            DroppedImages dropped = session.model().seesImages() ? DroppedImages.in(line) : NONE;
            if (!dropped.files().isEmpty()) {
                commands.attach(dropped.files());
                if (!dropped.text().isEmpty()) {
                    answer(session.say(dropped.text()));
                }
            } else if (text.startsWith("//")) {
                answer(session.say(text.substring(1)));
            } else if (text.startsWith("/")) {
                return commands.run(text);
            } else if (!line.isBlank()) {
                answer(session.say(line));
            }
        } catch (ContextLengthException e) {
            failed = true;
            front.say(Failure.sentence(e) + "; " + FULL);
        } catch (RuntimeException e) {
            failed = true;
            front.say(Failure.sentence(e));
        }
        return true;
    }

    private void answer(Turn turn) {
        Reply reply = front.answer(turn);
        session.answered(reply);
        String ending = AnswerReport.ending(reply.finishReason());
        if (reply.finishReason() == FinishReason.CONTEXT_FULL) {
            front.say("(" + ending + "; " + FULL + ")");
        } else if (!ending.isEmpty() && reply.finishReason() != FinishReason.CANCELLED) {
            front.say("(" + ending + ")");
        } else if (!ending.isEmpty()) {
            front.say("(" + ending + "; /retry answers again, /undo removes the message)");
        }
    }
}
