package kawi.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import kawi.LogitsProcessor;
import kawi.Model;
import kawi.Prompt;
import kawi.Speculation;

/** Measures answers that are generated at the same time, each by a thread of its own. */
final class ParallelAnswers {

    private final Model model;
    private final int generatedTokens;

    /** @param generatedTokens the number of tokens of each answer that are measured */
    ParallelAnswers(Model model, int generatedTokens) {
        this.model = model;
        this.generatedTokens = generatedTokens;
    }

    /**
     * Generates an answer to each prompt at the same time, after all prompts have been processed. Returns the duration
     * in nanoseconds.
     */
    long run(List<int[]> prompts) {
        long[] start = new long[1];
        CyclicBarrier read = new CyclicBarrier(prompts.size(), () -> start[0] = System.nanoTime());
        List<Callable<Long>> answers = new ArrayList<>();
        for (int[] ids : prompts) {
            Prompt prompt = model.prompt(ids)
                    .temperature(0)
                    .ignoreEnd()
                    .speculation(Speculation.off())
                    .maxTokens(generatedTokens + 1)
                    .logitsProcessor((tokens, logits) -> awaitFirst(read, tokens));
            answers.add(() -> {
                prompt.generate();
                return System.nanoTime();
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(prompts.size())) {
            long end = 0;
            for (Future<Long> answer : threads.invokeAll(answers)) {
                end = Math.max(end, answer.get());
            }
            return end - start[0];
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private static void awaitFirst(CyclicBarrier read, LogitsProcessor.Tokens tokens) {
        if (tokens.length() == tokens.promptLength()) {
            try {
                read.await();
            } catch (InterruptedException | BrokenBarrierException e) {
                throw new IllegalStateException("another answer failed", e);
            }
        }
    }

    /** Returns {@code count} prompts that differ in their first token. */
    static List<int[]> prompts(int[] prompt, int count, int vocabulary) {
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] ids = Arrays.copyOf(prompt, prompt.length);
            ids[0] = (ids[0] + i) % vocabulary;
            prompts.add(ids);
        }
        return prompts;
    }
}
