package kawi.cli;

import kawi.Evaluation;
import kawi.Perplexity;

/** Shows the running estimate of an evaluation and the remaining time in the status line. */
final class EvaluationProgress implements Evaluation.Listener {

    private final Terminal terminal;
    private final String subject;
    private final long begun = System.nanoTime();

    /** @param subject what is evaluated */
    EvaluationProgress(Terminal terminal, String subject) {
        this.terminal = terminal;
        this.subject = subject;
    }

    @Override
    public void update(Perplexity soFar, int chunks) {
        int left = chunks - soFar.chunks();
        terminal.status(
                left == 0
                        ? ""
                        : "%s: chunk %d of %d, perplexity %.4f, %s left"
                                .formatted(
                                        subject,
                                        soFar.chunks(),
                                        chunks,
                                        soFar.value(),
                                        ProgressLine.time((System.nanoTime() - begun) * 1e-9 * left / soFar.chunks())));
    }
}
