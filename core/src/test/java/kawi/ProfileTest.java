package kawi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProfileTest {

    private static Profile profile(long nanos, Profile.Operation... operations) {
        return new Profile(nanos, 2, List.of(operations));
    }

    @Test
    void theDifferenceOfTwoProfilesIsThatOfTheirCounters() {
        Profile earlier = profile(
                1000,
                new Profile.Operation("mlp", 1, 300, 30, 4096, 0),
                new Profile.Operation("delta rule", 2, 200, 20, 512, 256));
        Profile later = profile(
                5000,
                new Profile.Operation("mlp", 4, 1300, 80, 16384, 0),
                new Profile.Operation("delta rule", 5, 700, 50, 2048, 1024));
        Profile between = later.since(earlier);
        assertEquals(
                profile(
                        4000,
                        new Profile.Operation("mlp", 3, 1000, 50, 12288, 0),
                        new Profile.Operation("delta rule", 3, 500, 30, 1536, 768)),
                between);
        assertEquals(2500, between.otherNanos());
        assertEquals(12288 + 1536, between.bytesRead());
    }

    @Test
    void profilesOfOtherKindsHaveNoDifference() {
        Profile one = profile(10, new Profile.Operation("mlp", 1, 2, 0, 0, 0));
        Profile other = profile(5, new Profile.Operation("head", 1, 2, 0, 0, 0));
        assertEquals(
                "the earlier profile is not one of the same model",
                assertThrows(IllegalArgumentException.class, () -> one.since(other))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> one.since(profile(5)));
    }

    @Test
    void operationsBesideOneAnotherLeaveNoOtherTime() {
        assertEquals(
                0,
                profile(100, new Profile.Operation("sampling", 3, 120, 0, 0, 0)).otherNanos());
    }
}
