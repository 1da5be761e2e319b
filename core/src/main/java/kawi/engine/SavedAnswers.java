package kawi.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.json.JsonArray;
import kawi.json.JsonNumber;
import kawi.json.JsonValue;

/** The tokens of earlier answers in the header of a {@link SavedChat}: arrays of ids. */
final class SavedAnswers {

    private SavedAnswers() {}

    static JsonArray write(List<int[]> answers) {
        return new JsonArray(answers.stream()
                .map(answer -> new JsonArray(
                        Arrays.stream(answer).mapToObj(JsonNumber::of).toList()))
                .toList());
    }

    /**
     * Reads what {@link #write} wrote; files of earlier versions have none.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static List<int[]> read(JsonValue array, int vocabularySize) {
        List<int[]> answers = new ArrayList<>();
        for (JsonValue answer : array.values()) {
            int[] ids = new int[answer.size()];
            check(answer.isArray() && ids.length <= CachedSequence.MAX_ANSWER, "one is not an array of token ids");
            for (int i = 0; i < ids.length; i++) {
                JsonValue id = answer.path(i);
                check(id.canConvertToInt(), "one is not an array of token ids");
                ids[i] = id.intValue();
                check(ids[i] >= 0 && ids[i] < vocabularySize, "one has a token that the vocabulary does not have");
            }
            answers.add(ids);
        }
        check(answers.size() <= CachedSequence.MAX_ANSWERS, "there are " + answers.size());
        return answers;
    }

    private static void check(boolean right, String problem) {
        if (!right) {
            throw new IllegalArgumentException(problem);
        }
    }
}
