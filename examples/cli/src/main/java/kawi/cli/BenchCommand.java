package kawi.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import kawi.Concurrency;
import kawi.MemoryPlan;
import kawi.Model;
import kawi.Sequence;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the speed of a model. */
@Command(
        name = "bench",
        description = "Measures the speed of a model on this machine.",
        footer = {
            "",
            "Each repetition processes a prompt of random tokens (prefill) and then generates greedily (decode), in a "
                    + "new sequence, after one warm-up run that is not counted. With --depth, the context contains "
                    + "that many tokens before the measurement. The time to the first token is that of the warm-up "
                    + "run, from the start of loading. Garbage is the number of bytes that all threads allocate on "
                    + "the Java heap per generated token, in the repetition with the least. Peak memory is that of "
                    + "the whole process; it is available on Linux only.",
            "",
            "With --parallel N, each repetition also generates N answers at the same time, after all of their prompts "
                    + "have been processed, and the same with one answer.",
            "",
            "With --profile, each repetition also generates an answer with the sampling options of the model and "
                    + "without guesses, in which the time of every operation is counted, and measures the read "
                    + "bandwidth of memory with the same threads. The tables show the repetitions with the median "
                    + "time. Memory is what is read and written of weights, keys and values, and recurrent states; "
                    + "waiting is the time that threads are idle during an operation. Peak memory includes half a "
                    + "gigabyte for the measurement.",
            "",
            "With --accept P, each repetition also generates an answer with guesses that are forced to be right with "
                    + "probability P, 3 per pass or as many as --speculation says, and one without guesses. Both are "
                    + "the same; the ratio of their speeds is what guesses gain on a text on which that many are right.",
            "",
            "With --text and --answer, each repetition also generates the text of a file as the answer to that of "
                    + "another one, with guesses and without. The answer is forced, but the guesses are those that the "
                    + "model makes for it, for example looked up in the prompt.",
            "",
            "Examples:",
            "  kawi bench -m Qwen3.5-0.8B-Q4_K_M.gguf -p 512 -n 128 -t 2",
            "  kawi bench -m Qwen3.5-0.8B-Q4_K_M.gguf --kernels scalar -r 3 --json",
            "  kawi bench -m Qwen3.5-0.8B-Q4_K_M.gguf --profile",
            "  kawi bench -m Qwen3.5-0.8B-Q4_K_M.gguf --text Request.txt --answer Edited.java",
            "  kawi bench -m Qwen3.5-0.8B-Q4_K_M.gguf --image 1024x1024 -r 3"
        })
final class BenchCommand implements Callable<Integer> {

    private static final long SEED = 1;

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    @Option(
            names = {"-p", "--prompt-tokens"},
            paramLabel = "N",
            defaultValue = "512",
            description = "Tokens of the prompt. Default: ${DEFAULT-VALUE}.")
    private int promptTokens;

    @Option(
            names = {"-n", "--generated-tokens"},
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens to generate. Default: ${DEFAULT-VALUE}.")
    private int generatedTokens;

    @Option(
            names = {"-d", "--depth"},
            paramLabel = "N",
            defaultValue = "0",
            description = "Tokens in the context before the measurement. Default: ${DEFAULT-VALUE}.")
    private int depth;

    @Option(
            names = {"-r", "--repetitions"},
            paramLabel = "N",
            defaultValue = "5",
            description = "Default: ${DEFAULT-VALUE}.")
    private int repetitions;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description = "Also measure N answers that are generated at the same time.")
    private int parallel;

    @Option(names = "--profile", description = "Also show where the time goes, by kind of operation.")
    private boolean profile;

    @Option(
            names = "--accept",
            paramLabel = "P[,P...]",
            description = "Also measure guessing ahead if each guess is right with probability P.")
    private @Nullable String accept;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = "Also measure guessing ahead with the text of this file as the prompt, see --answer.")
    private @Nullable Path text;

    @Option(
            names = "--answer",
            paramLabel = "FILE",
            description = "The text that is forced to be the answer to --text.")
    private @Nullable Path answer;

    @Option(
            names = "--image",
            paramLabel = "WxH",
            description = "Also measure how long an image of this size takes that was not seen before.")
    private @Nullable String image;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private final Terminal terminal;

    BenchCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /**
     * One repetition, in nanoseconds.
     *
     * @param firstToken the time at which the first token was generated, as {@link System#nanoTime}
     * @param garbage the number of bytes that all threads allocated while decoding
     */
    private record Run(long prefill, long decode, long firstToken, long garbage) {}

    /** Tokens per second of all repetitions. */
    private record Rate(double median, double min, double max) {

        static Rate of(int tokens, List<Long> nanos) {
            double[] rates = nanos.stream()
                    .mapToDouble(time -> tokens * 1e9 / Math.max(1, time))
                    .sorted()
                    .toArray();
            return new Rate(BenchCommand.median(rates), rates[0], rates[rates.length - 1]);
        }
    }

    /** The median of sorted values, of which there is at least one. */
    private static double median(double... sorted) {
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** The median of values in any order, of which there is at least one. */
    static double median(List<Double> values) {
        return median(values.stream().mapToDouble(Double::doubleValue).sorted().toArray());
    }

    /** Tokens per second of one answer, and of several at the same time, all together. */
    private record Parallel(Rate single, Rate together) {
        double ratio() {
            return together.median() / single.median();
        }
    }

    @Override
    public Integer call() throws IOException {
        if (promptTokens < 1 || generatedTokens < 1 || repetitions < 1 || depth < 0 || parallel < 0) {
            throw new UsageException("-p, -n and -r must be positive, and --depth and --parallel must not be negative");
        }
        if ((text == null) != (answer == null)) {
            throw new UsageException("--text and --answer must be given together");
        }
        List<Double> acceptances = accept == null ? List.of() : acceptances(accept);
        if (image != null) {
            modelOptions.seeing();
        }
        long start = System.nanoTime();
        terminal.status("loading");
        Concurrency limits = Concurrency.defaults();
        limits = limits.sequences(Math.max(limits.sequences(), parallel));
        try (Model model = modelOptions.load(terminal, limits, profile)) {
            double loadSeconds = (System.nanoTime() - start) * 1e-9;
            // Except in the plain repetitions, an answer has a first token, after the prefill, that is not measured.
            boolean first = parallel > 0 || profile || !acceptances.isEmpty();
            int answerTokens = generatedTokens + (first ? 1 : 0);
            if ((long) depth + promptTokens + answerTokens > model.contextLength()) {
                throw new IllegalArgumentException(
                        "%d prompt tokens and %d generated tokens%s exceed the context length of %d"
                                .formatted(
                                        promptTokens,
                                        answerTokens,
                                        depth > 0 ? " after %d others".formatted(depth) : "",
                                        model.contextLength()));
            }
            SplittableRandom random = new SplittableRandom(SEED);
            int[] before = random.ints(depth, 0, model.vocabularySize()).toArray();
            int[] prompt = random.ints(promptTokens, 0, model.vocabularySize()).toArray();
            terminal.status("warming up");
            double firstTokenSeconds = (run(model, before, prompt).firstToken() - start) * 1e-9;
            List<Long> prefill = new ArrayList<>();
            List<Long> decode = new ArrayList<>();
            long garbage = Long.MAX_VALUE;
            ParallelAnswers answers = new ParallelAnswers(model, generatedTokens);
            List<int[]> prompts = ParallelAnswers.prompts(join(before, prompt), parallel, model.vocabularySize());
            List<int[]> profiledPrompts =
                    ParallelAnswers.prompts(join(before, prompt), repetitions, model.vocabularySize());
            List<ProfiledAnswer> profiled = new ArrayList<>();
            List<Double> readBandwidths = new ArrayList<>();
            List<Long> single = new ArrayList<>();
            List<Long> together = new ArrayList<>();
            Optional<ForcedAcceptance> forced = acceptances.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new ForcedAcceptance(
                            model, join(before, prompt), generatedTokens, acceptances, modelOptions.speculation()));
            forced.ifPresent(measured -> measured.run(false));
            Optional<ForcedAnswer> forcedAnswer = text == null || answer == null
                    ? Optional.empty()
                    : Optional.of(new ForcedAnswer(model, text, answer, modelOptions.speculation()));
            forcedAnswer.ifPresent(measured -> measured.run(false));
            Optional<ImageMeasurement> images =
                    Optional.ofNullable(image).map(size -> new ImageMeasurement(model, size));
            images.ifPresent(measured -> measured.run(false));
            for (int i = 0; i < repetitions; i++) {
                terminal.status("repetition %d of %d".formatted(i + 1, repetitions));
                Run run = run(model, before, prompt);
                prefill.add(run.prefill());
                decode.add(run.decode());
                garbage = Math.min(garbage, run.garbage());
                if (profile) {
                    readBandwidths.add(model.measureReadBandwidth());
                    profiled.add(ProfiledAnswer.generate(model, profiledPrompts.get(i), generatedTokens));
                }
                if (parallel > 0) {
                    single.add(answers.run(prompts.subList(0, 1)));
                    together.add(answers.run(prompts));
                }
                forced.ifPresent(measured -> measured.run(true));
                forcedAnswer.ifPresent(measured -> measured.run(true));
                images.ifPresent(measured -> measured.run(true));
            }
            terminal.status("");
            report(
                    model,
                    Rate.of(promptTokens, prefill),
                    Rate.of(generatedTokens, decode),
                    parallel == 0
                            ? Optional.empty()
                            : Optional.of(new Parallel(
                                    Rate.of(generatedTokens, single), Rate.of(parallel * generatedTokens, together))),
                    forced,
                    forcedAnswer,
                    images,
                    (double) garbage / generatedTokens,
                    loadSeconds,
                    firstTokenSeconds,
                    profile ? profile(profiled, readBandwidths) : List.of());
        }
        return Kawi.SUCCESS;
    }

    /** Reads the value of {@code --accept}. */
    private static List<Double> acceptances(String list) {
        List<Double> acceptances = new ArrayList<>();
        for (String one : list.split(",", -1)) {
            double acceptance;
            try {
                acceptance = Double.parseDouble(one.strip());
            } catch (NumberFormatException e) {
                throw new UsageException(
                        "--accept takes probabilities, with commas between them; '%s' is not a number".formatted(one));
            }
            if (!(acceptance >= 0 && acceptance <= 1)) {
                throw new UsageException("--accept takes probabilities between 0 and 1, not " + acceptance);
            }
            acceptances.add(acceptance);
        }
        return acceptances;
    }

    private static int[] join(int[] first, int[] second) {
        int[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** Returns the breakdown of both phases. */
    private List<ProfileReport> profile(List<ProfiledAnswer> answers, List<Double> readBandwidths) {
        double readBandwidth = readBandwidths.stream().sorted().toList().get(readBandwidths.size() / 2);
        ProfiledAnswer median = ProfiledAnswer.median(answers);
        return List.of(
                new ProfileReport("prefill", depth + promptTokens, median.prefill(), readBandwidth),
                new ProfileReport("decode", generatedTokens, median.decode(), readBandwidth));
    }

    private Run run(Model model, int[] before, int[] prompt) {
        float[] logits = new float[model.vocabularySize()];
        int[] token = new int[1];
        try (Sequence sequence = model.newSequence()) {
            sequence.append(before);
            long start = System.nanoTime();
            sequence.append(prompt);
            sequence.logits(logits);
            token[0] = Score.mostProbable(logits);
            long prefilled = System.nanoTime();
            long allocated = allocatedBytes();
            long decoding = System.nanoTime();
            for (int i = 0; i < generatedTokens; i++) {
                sequence.append(token);
                sequence.logits(logits);
                token[0] = Score.mostProbable(logits);
            }
            long end = System.nanoTime();
            return new Run(prefilled - start, end - decoding, prefilled, allocatedBytes() - allocated);
        }
    }

    /** Returns the number of bytes that all threads have allocated on the Java heap so far. */
    private static long allocatedBytes() {
        return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads
                ? threads.getTotalThreadAllocatedBytes()
                : 0;
    }

    private void report(
            Model model,
            Rate prefill,
            Rate decode,
            Optional<Parallel> answers,
            Optional<ForcedAcceptance> forced,
            Optional<ForcedAnswer> forcedAnswer,
            Optional<ImageMeasurement> images,
            double garbagePerToken,
            double loadSeconds,
            double firstTokenSeconds,
            List<ProfileReport> profiles) {
        OptionalLong memory = PeakMemory.bytes();
        if (json) {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            object.put("prefill_tokens_per_second", prefill.median());
            object.put("prefill_min", prefill.min());
            object.put("prefill_max", prefill.max());
            object.put("decode_tokens_per_second", decode.median());
            object.put("decode_min", decode.min());
            object.put("decode_max", decode.max());
            object.put("decode_garbage_bytes_per_token", garbagePerToken);
            answers.ifPresent(several -> {
                object.put("parallel", parallel);
                object.put("single_tokens_per_second", several.single().median());
                object.put("parallel_tokens_per_second", several.together().median());
                object.put("parallel_min", several.together().min());
                object.put("parallel_max", several.together().max());
                object.put("parallel_ratio", several.ratio());
            });
            if (!profiles.isEmpty()) {
                Map<String, @Nullable Object> phases = new LinkedHashMap<>();
                phases.put("read_bandwidth", profiles.getFirst().readBandwidth());
                profiles.forEach(phase -> phases.put(phase.phase(), phase.json()));
                object.put("profile", phases);
            }
            forced.ifPresent(measured -> object.put("speculation", measured.values()));
            forcedAnswer.ifPresent(measured -> object.put("forced_answer", measured.values()));
            images.ifPresent(measured -> object.put("image", measured.values()));
            object.put("load_seconds", loadSeconds);
            object.put("first_token_seconds", firstTokenSeconds);
            object.put("peak_rss_bytes", memory.isPresent() ? memory.getAsLong() : null);
            object.put("kernels", model.kernels());
            object.put("threads", model.threads());
            object.put("kv", model.keysAndValues());
            object.put("model", model.name());
            object.put("prompt_tokens", promptTokens);
            object.put("generated_tokens", generatedTokens);
            object.put("depth", depth);
            object.put("repetitions", repetitions);
            Json.print(terminal.out(), object);
            return;
        }
        terminal.out()
                .printf(
                        "%s, %s kernels, %d threads, keys and values in %s%n",
                        model.name(), model.kernels(), model.threads(), model.keysAndValues());
        if (depth > 0) {
            terminal.out().printf("after %d tokens in the context%n", depth);
        }
        show("prefill", promptTokens, prefill);
        show("decode", generatedTokens, decode);
        answers.ifPresent(several -> {
            show("1 answer", generatedTokens, several.single());
            show("%d answers".formatted(parallel), generatedTokens, several.together());
            terminal.out().printf("ratio        %10.2f%n", several.ratio());
        });
        forced.ifPresent(measured -> measured.print(terminal.out()));
        forcedAnswer.ifPresent(measured -> measured.print(terminal.out()));
        images.ifPresent(measured -> measured.print(terminal.out()));
        terminal.out().printf("load         %10.2f s%n", loadSeconds);
        terminal.out().printf("first token  %10.2f s after the start of loading%n", firstTokenSeconds);
        terminal.out().printf("garbage      %10.0f bytes per generated token%n", garbagePerToken);
        terminal.out()
                .printf(
                        "peak memory  %12s%n",
                        memory.isPresent() ? MemoryPlan.bytes(memory.getAsLong()) : "not available on this system");
        profiles.forEach(phase -> terminal.out().print(phase.text()));
    }

    private void show(String what, int tokens, Rate rate) {
        terminal.out()
                .printf(
                        "%-8s%4d %10.2f tokens/s   (median of %d; %.2f to %.2f)%n",
                        what, tokens, rate.median(), repetitions, rate.min(), rate.max());
    }
}
