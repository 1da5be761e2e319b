/**
 * Kawi as a {@link org.springframework.ai.chat.model.ChatModel} of Spring AI: {@link kawi.spring.ai.KawiChatModel} with
 * {@link kawi.spring.ai.KawiChatOptions}.
 */
@NullMarked
package kawi.spring.ai;

import org.jspecify.annotations.NullMarked;
