package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TrainingRunTest {

    private final Locale format = Locale.getDefault(Locale.Category.FORMAT);

    @AfterEach
    void restore() {
        Locale.setDefault(Locale.Category.FORMAT, format);
    }

    @Test
    void everyCommandOfTheTrainingRunSucceeds() {
        assertDoesNotThrow(() -> TrainingRun.main(new String[0]));
    }
}
