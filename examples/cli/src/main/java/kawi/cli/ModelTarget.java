package kawi.cli;

import java.util.concurrent.CancellationException;
import kawi.BusyException;
import kawi.Cancellation;
import kawi.FinishReason;
import kawi.Model;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyListener;

/** A model in this process. */
final class ModelTarget implements LoadTarget {

    private final Model model;
    private final double temperature;
    private final Cancellation cancellation;

    ModelTarget(Model model, double temperature, Cancellation cancellation) {
        this.model = model;
        this.temperature = temperature;
        this.cancellation = cancellation;
    }

    @Override
    public int answer(LoadPlan.Request request, Runnable piece) throws BusyTargetException {
        Prompt prompt = model.prompt(request.prompt())
                .temperature(temperature)
                .seed(request.seed())
                .maxTokens(request.answerTokens())
                .ignoreEnd()
                .loopGuard(false)
                .cancelWith(cancellation);
        Reply reply;
        try {
            reply = prompt.generate(new ReplyListener() {
                @Override
                public void onText(String text) {
                    piece.run();
                }

                @Override
                public void onThinking(String text) {
                    piece.run();
                }
            });
        } catch (BusyException e) {
            throw new BusyTargetException(String.valueOf(e.getMessage()));
        }
        if (reply.finishReason() == FinishReason.CANCELLED) {
            throw new CancellationException();
        }
        return reply.stats().generatedTokens();
    }

    @Override
    public String description() {
        return "%s, %s kernels, %d threads, keys and values in %s"
                .formatted(model.name(), model.kernels(), model.threads(), model.keysAndValues());
    }

    @Override
    public void abort() {
        cancellation.cancel();
    }

    @Override
    public void close() {
        model.close();
    }
}
