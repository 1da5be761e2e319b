package kawi.spark;

import java.util.Iterator;
import kawi.Cancellation;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/** Answers the rows of a partition. The model is acquired when the first answer is asked for. */
record AnswerPartition(AnswerPlan plan, AnswerMetrics metrics) implements MapPartitionsFunction<Row, Row> {

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        TaskContext task = TaskContext.get();
        return new Iterator<>() {
            private @Nullable Iterator<RowAnswer> answers;

            @Override
            public boolean hasNext() {
                return answers == null ? rows.hasNext() : answers.hasNext();
            }

            @Override
            public Row next() {
                Iterator<RowAnswer> started = answers;
                if (started == null) {
                    started = start(rows, task);
                    answers = started;
                }
                RowAnswer answer = started.next();
                metrics.add(answer);
                return answer.row();
            }
        };
    }

    private Iterator<RowAnswer> start(Iterator<Row> rows, TaskContext task) {
        SharedModels.Lease lease = SharedModels.JVM.acquire(plan.answers().source(), task::isInterrupted);
        Cancellation cancellation = new Cancellation();
        RowAnswerer answerer = new RowAnswerer(plan, lease.model(), cancellation);
        AnswerIterator answers = new AnswerIterator(
                rows,
                row -> JvmMetrics.JVM.measure(() -> answerer.answer(row)),
                plan.answers().window(),
                cancellation::cancel,
                task::isInterrupted);
        long started = System.nanoTime();
        TaskCompletionListener end = _ -> {
            answers.close();
            lease.close();
            metrics.addSeconds((System.nanoTime() - started) / 1e9);
        };
        task.addTaskCompletionListener(end);
        return answers;
    }
}
