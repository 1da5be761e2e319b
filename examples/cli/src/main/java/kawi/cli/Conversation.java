package kawi.cli;

import java.io.IOException;
import java.util.Set;
import kawi.FinishReason;
import kawi.Reply;
import kawi.Turn;

/** Reads messages and commands, and shows answers, until the end of the input. */
final class Conversation {

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
            if (line.startsWith("//")) {
                answer(session.say(line.substring(1)));
            } else if (line.startsWith("/")) {
                return commands.run(line);
            } else if (!line.isBlank()) {
                answer(session.say(line));
            }
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
        if (!ending.isEmpty() && reply.finishReason() != FinishReason.CANCELLED) {
            front.say("(" + ending + ")");
        } else if (!ending.isEmpty()) {
            front.say("(" + ending + "; /retry answers again, /undo removes the message)");
        }
    }
}
