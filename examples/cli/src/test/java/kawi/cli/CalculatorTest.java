package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalculatorTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0.1 + 0.2 | 0.3",
                "(1.1 + 2.2) * 3 | 9.9",
                "2 + 3 * 4 | 14",
                "10 - 4 - 3 | 3",
                "12 / 4 / 3 | 1",
                "1 / 3 * 3 | 1",
                "2 ^ 10 | 1024",
                "2 ^ 3 ^ 2 | 512",
                "-2 ^ 2 | -4",
                "2 ^ -2 | 0.25",
                "--5 | 5",
                "7 / 8 | 0.875",
                "1 / 3 | 0.3333333333333333333333333333333333 (rounded)",
                "100 * 1.00 | 100",
                "0 * 5 | 0",
                "(-1) ^ 65535 | -1"
            })
    void computesExactly(String expression, String value) {
        assertEquals(value, Calculator.evaluate(expression));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 / 0 | division by zero",
                "2 ^ 0.5 | the exponent must be a whole number",
                "9 ^ 9 ^ 9 | the exponent is too large",
                "9 ^ 9999 | an intermediate result is too large",
                "2 + | expected a number at character 4, found the end",
                "(1 + 2 | expected \")\" at character 7, found the end",
                "1.2.3 | expected a number at character 1, found \"1\"",
                "2 x 3 | expected an operator at character 3, found \"x\""
            })
    void saysWhatIsWrong(String expression, String reason) {
        assertEquals(
                reason,
                assertThrows(IllegalArgumentException.class, () -> Calculator.evaluate(expression))
                        .getMessage());
    }

    @Test
    void hostileExpressionsAreRefused() {
        for (String expression : new String[] {"(".repeat(900), "-".repeat(999), "1".repeat(2000), ""}) {
            assertThrows(IllegalArgumentException.class, () -> Calculator.evaluate(expression));
        }
    }
}
