package kawi.spring.app;

import java.time.DayOfWeek;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.ai.tool.annotation.ToolParam;
import org.springframework.stereotype.Component;

/** A tool that the model may call. */
@Component
class OpeningHours {

    @Tool(description = "The opening hours of the library on a day of the week")
    String openingHours(@ToolParam(description = "the day") DayOfWeek day) {
        return switch (day) {
            case SATURDAY -> "from 10 to 16";
            case SUNDAY -> "closed";
            default -> "from 8 to 20";
        };
    }
}
