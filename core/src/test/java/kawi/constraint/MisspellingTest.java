package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MisspellingTest {

    @ParameterizedTest
    @CsvSource({
        "minLenght, minLength",
        "propertie, properties",
        "requierd, required",
        "maxitems, maxItems",
        "enumm, enum",
        "additionalProperites, additionalProperties",
        "oneof, oneOf",
        "pattren, pattern"
    })
    void findsTheKeywordThatIsMeant(String keyword, String meant) {
        assertEquals(meant, Misspelling.of(keyword));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"minLength", "strict", "enumNames", "x-min", "discriminator", "example", "propertyOrder", "id"})
    void leavesOtherKeywordsAlone(String keyword) {
        assertNull(Misspelling.of(keyword));
    }
}
