package kawi.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import kawi.ChatBuilder;
import kawi.ContextPolicy;
import kawi.Model;
import kawi.Tool;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Runs a conversation. */
@Command(
        name = "chat",
        description = "Chats interactively. Each message costs only its own tokens.",
        sortOptions = false,
        footer = {
            "",
            "On a terminal, /? lists commands, Ctrl-C stops an answer, and Ctrl-D leaves. In a pipe, each line of "
                    + "standard input is a message or a command, and answers are plain text. In both, blanks before a "
                    + "command are ignored.",
            "",
            "In a pipe and with --jsonl, blank lines are ignored, the conversation continues after an error, and the "
                    + "exit code is 1 if there was one.",
            "",
            "With --jsonl, each line is a message: plain text, a JSON string, or a JSON object with the key \"text\" or "
                    + "\"message\" and optionally \"images\", an array of file names and data URLs; other keys are "
                    + "ignored. For each message, a JSON object is printed on one line, with text, "
                    + "thinking, finish_reason, prefilled_tokens, reused_tokens, generated_tokens, seed, tool_calls if "
                    + "tools were called, and dropped_messages and dropped_tokens if the context was full; or with error.",
            "",
            "Examples:",
            "  kawi chat -m Qwen3.5-4B-Q4_K_M.gguf --thinking --tools",
            "  kawi chat -m hf:Qwen/Qwen3.5-0.8B --system \"You are terse.\" --load yesterday.chat",
            "  printf 'Who was Kartini?\\nWhen was she born?\\n' | kawi chat -m Qwen3.5-4B-Q4_K_M.gguf",
            "  echo '{\"text\": \"What is the total?\", \"images\": [\"invoice.png\"]}' "
                    + "| kawi chat --jsonl -m hf:Qwen/Qwen3.5-0.8B",
            "  printf 'Name a bird.\\nAnother.\\n' | kawi chat --jsonl | jq -r .text"
        })
final class ChatCommand implements Callable<Integer> {

    @Option(names = "--system", paramLabel = "TEXT", description = "The system message of the conversation.")
    private @Nullable String system;

    @Option(names = "--load", paramLabel = "FILE", description = "Continue a conversation that was saved with /save.")
    private @Nullable Path saved;

    @Option(names = "--tools", description = "Offer the demonstration tools: a clock and a calculator.")
    private boolean tools;

    @Option(
            names = "--context-policy",
            paramLabel = "POLICY",
            completionCandidates = Policies.class,
            converter = Policies.Converter.class,
            description = "What to do when the context is full: error, or drop-oldest, which drops the oldest messages "
                    + "and says so. The system message and the tools stay. Default: error.")
    private ContextPolicy contextPolicy = ContextPolicy.ERROR;

    @Option(names = "--jsonl", description = "Read one message per line and print JSON objects; see below.")
    private boolean jsonLines;

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    @Mixin
    private final GenerationOptions generationOptions = new GenerationOptions();

    /** The values of {@code --context-policy}. */
    static final class Policies extends Candidates {
        Policies() {
            super(List.of("error", "drop-oldest"));
        }

        /** Reads a value. */
        static final class Converter implements ITypeConverter<ContextPolicy> {
            @Override
            public ContextPolicy convert(String value) {
                return switch (value) {
                    case "error" -> ContextPolicy.ERROR;
                    case "drop-oldest" -> ContextPolicy.DROP_OLDEST;
                    default ->
                        throw new TypeConversionException("'%s' is neither error nor drop-oldest".formatted(value));
                };
            }
        }
    }

    private final Terminal terminal;
    private final Function<Map<String, String>, TerminalFront> fronts;

    ChatCommand(Terminal terminal) {
        this(terminal, environment -> TerminalFront.open(environment));
    }

    /** @param fronts opens an interactive terminal in an environment */
    ChatCommand(Terminal terminal, Function<Map<String, String>, TerminalFront> fronts) {
        this.terminal = terminal;
        this.fronts = fronts;
    }

    @Override
    public Integer call() throws IOException {
        if (terminal.interactive() && !jsonLines) {
            return talk();
        }
        try (Model model = modelOptions.load(terminal);
                ChatSession session = session(model)) {
            if (jsonLines) {
                return new JsonLines(session, terminal).run();
            }
            PipeFront front = new PipeFront(terminal);
            boolean done = new Conversation(session, front).run();
            return front.interrupted() ? Kawi.INTERRUPTED : done ? Kawi.SUCCESS : Kawi.FAILURE;
        }
    }

    private int talk() throws IOException {
        try (TerminalFront front = fronts.apply(terminal.environment());
                Model model = modelOptions.load(front.terminal());
                ChatSession session = session(model)) {
            Conversation conversation = new Conversation(session, front);
            front.begin(conversation.commands());
            front.say("%s, context %,d tokens; /? lists commands, Ctrl-D leaves"
                    .formatted(model.name(), model.contextLength()));
            if (modelOptions.isDemo()) {
                front.say(ModelOptions.DEMO_NOTICE);
            }
            conversation.run();
            return Kawi.SUCCESS;
        }
    }

    private ChatSession session(Model model) {
        ChatBuilder chat = generationOptions.applyTo(model.chat().contextPolicy(contextPolicy));
        List<Tool> offered = tools ? DemoTools.all() : List.of();
        ChatSession session = new ChatSession(model, chat, generationOptions.seed(), offered, saved);
        if (system != null) {
            session.chat().system(system);
        }
        return session;
    }
}
