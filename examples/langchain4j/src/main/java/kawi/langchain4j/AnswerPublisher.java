package kawi.langchain4j;

import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.CompleteResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialThinking;
import java.util.Objects;
import java.util.concurrent.Flow;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyEvent;

/**
 * An answer as LangChain4j's events: Kawi's publisher, which generates an answer for each subscriber and only as far as
 * requested, with each event converted. Events that LangChain4j does not have, or that were not asked for, are replaced
 * by a request for the next one.
 */
record AnswerPublisher(Connection connection, Prompt prompt) implements Flow.Publisher<ChatModelStreamingEvent> {

    @Override
    public void subscribe(Flow.Subscriber<? super ChatModelStreamingEvent> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        TimeLimit limit = connection.startTimeLimit();
        limit.applyTo(prompt).publisher().subscribe(new Converter(connection, limit, subscriber));
    }

    /** The subscription of one subscriber; the methods are called one at a time. */
    private static final class Converter implements Flow.Subscriber<ReplyEvent>, Flow.Subscription {

        private final Connection connection;
        private final TimeLimit limit;
        private final Flow.Subscriber<? super ChatModelStreamingEvent> subscriber;
        private Flow.Subscription upstream = NONE;
        private int toolCalls;

        private static final Flow.Subscription NONE = new Flow.Subscription() {
            @Override
            public void request(long events) {}

            @Override
            public void cancel() {}
        };

        Converter(Connection connection, TimeLimit limit, Flow.Subscriber<? super ChatModelStreamingEvent> subscriber) {
            this.connection = connection;
            this.limit = limit;
            this.subscriber = subscriber;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            upstream = subscription;
            subscriber.onSubscribe(this);
        }

        @Override
        public void request(long events) {
            upstream.request(events);
        }

        @Override
        public void cancel() {
            limit.close();
            upstream.cancel();
        }

        @Override
        public void onNext(ReplyEvent event) {
            switch (event) {
                case ReplyEvent.Text text -> subscriber.onNext(new PartialResponse(text.piece()));
                case ReplyEvent.Thinking thinking
                when connection.returnThinking() && !thinking.piece().isEmpty() ->
                    subscriber.onNext(new PartialThinking(thinking.piece()));
                case ReplyEvent.Called called ->
                    subscriber.onNext(new CompleteToolCall(toolCalls++, Messages.request(called.call())));
                case ReplyEvent.Completed completed -> complete(completed.reply());
                case ReplyEvent.Thinking thinking -> upstream.request(1);
                case ReplyEvent.Returned returned -> upstream.request(1);
            }
        }

        private void complete(Reply reply) {
            Reply complete;
            try {
                complete = limit.complete(reply);
            } catch (RuntimeException e) {
                cancel();
                subscriber.onError(e);
                return;
            }
            subscriber.onNext(new CompleteResponse(connection.response(complete)));
        }

        @Override
        public void onError(Throwable thrown) {
            limit.close();
            subscriber.onError(thrown instanceof RuntimeException failure ? Failures.of(failure) : thrown);
        }

        @Override
        public void onComplete() {
            limit.close();
            subscriber.onComplete();
        }
    }
}
