package kawi.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import kawi.AnswerException;
import kawi.BusyException;
import kawi.Cancellation;
import kawi.Model;
import kawi.Prompt;
import kawi.Reply;
import kawi.TokenUsage;
import kawi.TypedReply;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/**
 * Answers single rows; safe for use by multiple threads. What is wrong with a row becomes a row with an error: a missing
 * value, a prompt beyond the context, an answer that its record rejects. Everything else, such as a model that cannot be
 * read, is an exception, with which Spark retries the task.
 */
final class RowAnswerer {

    /** How often the model is asked again if it has refused an answer. */
    private static final long BUSY_NANOSECONDS = 100_000_000;

    private final AnswerPlan plan;
    private final Model model;
    private final Cancellation cancellation;
    private final @Nullable ColumnType type;

    RowAnswerer(AnswerPlan plan, Model model, Cancellation cancellation) {
        this.plan = plan;
        this.model = model;
        this.cancellation = cancellation;
        Class<?> answerType = plan.answers().type();
        this.type = answerType == null ? null : ColumnType.of(answerType, plan.java8Times());
    }

    RowAnswer answer(Row row) {
        try {
            return answered(row);
        } catch (AnswerException e) {
            return failed(row, e, e.text());
        } catch (IllegalArgumentException | RowException e) {
            return failed(row, e, null);
        }
    }

    private RowAnswer answered(Row row) {
        Answers answers = plan.answers();
        Template systemTemplate = plan.system();
        String system = systemTemplate == null ? "" : systemTemplate.fill(row);
        String text = plan.prompt().fill(row);
        Prompt prompt = model.prompt(text);
        if (systemTemplate != null) {
            prompt = prompt.system(system);
        }
        prompt = answers.options()
                .apply(prompt.maxTokens(answers.maxTokens()))
                .seed(RowSeed.of(answers.seed(), plan.key(row, system, text)))
                .cancelWith(cancellation);
        Class<?> answerType = answers.type();
        Prompt ready = prompt;
        if (answerType == null || type == null) {
            Reply reply = waiting(ready::generate);
            return answer(row, reply, List.of(reply.text()));
        }
        TypedReply<?> typed = waiting(() -> ready.replyAs(answerType));
        List<@Nullable Object> values = new ArrayList<>();
        values.add(type.convert(typed.value()));
        values.add(typed.reply().text());
        return answer(row, typed.reply(), values);
    }

    /** Repeats a call that is refused because too many others wait already. */
    private <T> T waiting(Supplier<T> call) {
        while (true) {
            try {
                return call.get();
            } catch (BusyException e) {
                if (cancellation.isCancelled()) {
                    throw e;
                }
                LockSupport.parkNanos(BUSY_NANOSECONDS);
            }
        }
    }

    private RowAnswer answer(Row row, Reply reply, List<? extends @Nullable Object> values) {
        TokenUsage usage = reply.usage();
        List<@Nullable Object> cells = cells(row);
        cells.addAll(values);
        cells.add(reply.thinking().isEmpty() ? null : reply.thinking());
        cells.add(reply.finishReason().name());
        cells.add(usage.promptTokens());
        cells.add(usage.completionTokens());
        cells.add(null);
        return new RowAnswer(RowFactory.create(cells.toArray()), usage.promptTokens(), usage.completionTokens(), false);
    }

    private RowAnswer failed(Row row, RuntimeException problem, @Nullable String text) {
        if (plan.answers().failing()) {
            throw new IllegalStateException(
                    "%s has no answer: %s".formatted(plan.describe(row), problem.getMessage()), problem);
        }
        List<@Nullable Object> cells = cells(row);
        cells.add(null);
        if (type != null) {
            cells.add(text);
        }
        for (int i = 0; i < 4; i++) {
            cells.add(null);
        }
        cells.add(problem.getMessage());
        return new RowAnswer(RowFactory.create(cells.toArray()), 0, 0, true);
    }

    private static List<@Nullable Object> cells(Row row) {
        List<@Nullable Object> cells = new ArrayList<>();
        for (int i = 0; i < row.length(); i++) {
            cells.add(row.get(i));
        }
        return cells;
    }
}
