package kawi.engine;

import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import kawi.Cancellation;
import kawi.Reply;
import kawi.ReplyEvent;
import kawi.ReplyListener;
import kawi.ToolCall;
import kawi.ToolResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes an answer as events, each generated when it has been requested. Each subscriber has a thread of its own,
 * which generates events, waits while none are requested, and calls the subscriber without holding a lock.
 */
final class ReplyPublisher implements Flow.Publisher<ReplyEvent> {

    private static final Logger LOG = LoggerFactory.getLogger(ReplyPublisher.class);

    private final Answer answer;
    private final Runnable check;

    /** Generates the answer once. */
    @FunctionalInterface
    interface Answer {
        /** Generates the answer until it is complete or the handle is cancelled. */
        Reply give(ReplyListener listener, Cancellation cancellation);
    }

    /** @param check called periodically while nothing is requested; throws if waiting is no longer useful */
    ReplyPublisher(Answer answer, Runnable check) {
        this.answer = answer;
        this.check = check;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ReplyEvent> subscriber) {
        Subscription subscription = new Subscription(Objects.requireNonNull(subscriber, "subscriber"));
        subscriber.onSubscribe(subscription);
        subscription.start();
    }

    private final class Subscription implements Flow.Subscription, ReplyListener {

        private final Flow.Subscriber<? super ReplyEvent> subscriber;
        private final Cancellation cancellation = new Cancellation();
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private long requested;
        private boolean started;
        private boolean ready;
        private @Nullable IllegalArgumentException misuse;

        Subscription(Flow.Subscriber<? super ReplyEvent> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long events) {
            boolean start;
            lock.lock();
            try {
                if (events <= 0 && misuse == null) {
                    misuse = new IllegalArgumentException(
                            "%d events were requested; it must be a positive number".formatted(events));
                } else if (events > 0) {
                    requested = requested + events < 0 ? Long.MAX_VALUE : requested + events;
                }
                start = ready && !started;
                started = true;
                changed.signal();
            } finally {
                lock.unlock();
            }
            if (start) {
                startThread();
            }
        }

        /** Allows signals, since the subscriber has received the subscription. */
        void start() {
            boolean start;
            lock.lock();
            try {
                ready = true;
                start = started;
            } finally {
                lock.unlock();
            }
            if (start) {
                startThread();
            }
        }

        private void startThread() {
            if (!cancellation.isCancelled()) {
                Thread.ofPlatform().daemon().name("kawi-answer").start(this::run);
            }
        }

        @Override
        public void cancel() {
            cancellation.cancel();
            lock.lock();
            try {
                changed.signal();
            } finally {
                lock.unlock();
            }
        }

        private void run() {
            try {
                checkUse();
                emit(new ReplyEvent.Completed(answer.give(this, cancellation)));
            } catch (SubscriberFailure e) {
                cancellation.cancel();
                LOG.warn("a subscriber to an answer threw an exception, which ends the answer", e.getCause());
            } catch (Throwable thrown) { // reported to the subscriber
                if (!cancellation.isCancelled()) {
                    cancellation.cancel();
                    subscriber.onError(thrown);
                }
            }
            if (!cancellation.isCancelled()) {
                cancellation.cancel();
                subscriber.onComplete();
            }
        }

        /** Delivers an event once it has been requested, unless the subscription is cancelled. */
        private void emit(ReplyEvent event) {
            if (await()) {
                try {
                    subscriber.onNext(event);
                } catch (RuntimeException | Error e) {
                    throw new SubscriberFailure(e);
                }
            }
        }

        /** Waits until an event is requested. Returns false if the subscription is cancelled. */
        private boolean await() {
            while (true) {
                lock.lock();
                try {
                    checkUse();
                    if (cancellation.isCancelled()) {
                        return false;
                    }
                    if (requested > 0) {
                        requested--;
                        return true;
                    }
                    changed.await(1, TimeUnit.SECONDS);
                } catch (InterruptedException e) { // possible if onNext published the thread
                    cancellation.cancel();
                } finally {
                    lock.unlock();
                }
                check.run();
            }
        }

        private void checkUse() {
            IllegalArgumentException wrong = misuse;
            if (wrong != null) {
                throw wrong;
            }
        }

        @Override
        public void onText(String piece) {
            emit(new ReplyEvent.Text(piece));
        }

        @Override
        public void onThinking(String piece) {
            emit(new ReplyEvent.Thinking(piece));
        }

        @Override
        public void onToolCall(ToolCall call) {
            emit(new ReplyEvent.Called(call));
        }

        @Override
        public void onToolResult(ToolResult result) {
            emit(new ReplyEvent.Returned(result));
        }
    }

    /** Carries an exception thrown by a subscriber out of the answer. */
    private static final class SubscriberFailure extends RuntimeException {
        private static final long serialVersionUID = 1;

        SubscriberFailure(Throwable cause) {
            super(cause);
        }
    }
}
