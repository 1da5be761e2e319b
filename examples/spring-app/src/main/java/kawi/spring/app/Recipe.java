package kawi.spring.app;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/** A typed answer: the model's JSON is constrained to this record while it is generated. */
record Recipe(@Schema(maxLength = 40) String title, List<String> steps, int minutes) {}
