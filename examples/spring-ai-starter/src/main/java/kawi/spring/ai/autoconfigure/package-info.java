/** Spring Boot's auto-configuration of {@link kawi.spring.ai.KawiChatModel}. */
@NullMarked
package kawi.spring.ai.autoconfigure;

import org.jspecify.annotations.NullMarked;
