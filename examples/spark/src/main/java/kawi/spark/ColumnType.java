package kawi.spark;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import kawi.Name;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A Java type as the type of a column, and the conversion of its values to those of Spark's rows.
 *
 * <pre>
 *    String, char, UUID, URI, LocalTime, Duration,             string
 *        OffsetDateTime, ZonedDateTime, enum
 *    boolean, byte, short, int, long, float, double            the same
 *    BigInteger, BigDecimal                                    decimal(38, 0), decimal(38, 18)
 *    LocalDate, LocalDateTime, Instant                         date, timestamp_ntz, timestamp
 *    record                                                    struct; names as in JSON, see {@link Name}
 *    List, Set, Collection, array                              array
 *    Map                                                       map
 *    Optional of any of these                                  the same, or null
 * </pre>
 *
 * All columns may be null.
 *
 * @param sparkType the type of the column
 * @param conversion the conversion of a value that is not null
 */
record ColumnType(DataType sparkType, Function<Object, @Nullable Object> conversion) {

    private static final int INTEGER_DIGITS = 38;
    private static final int FRACTION_DIGITS = 18;

    private static final Map<Class<?>, DataType> SAME = Map.ofEntries(
            Map.entry(String.class, DataTypes.StringType),
            Map.entry(boolean.class, DataTypes.BooleanType),
            Map.entry(Boolean.class, DataTypes.BooleanType),
            Map.entry(byte.class, DataTypes.ByteType),
            Map.entry(Byte.class, DataTypes.ByteType),
            Map.entry(short.class, DataTypes.ShortType),
            Map.entry(Short.class, DataTypes.ShortType),
            Map.entry(int.class, DataTypes.IntegerType),
            Map.entry(Integer.class, DataTypes.IntegerType),
            Map.entry(long.class, DataTypes.LongType),
            Map.entry(Long.class, DataTypes.LongType),
            Map.entry(float.class, DataTypes.FloatType),
            Map.entry(Float.class, DataTypes.FloatType),
            Map.entry(double.class, DataTypes.DoubleType),
            Map.entry(Double.class, DataTypes.DoubleType),
            Map.entry(LocalDateTime.class, DataTypes.TimestampNTZType));

    private static final Set<Class<?>> TEXT = Set.of(
            CharSequence.class,
            char.class,
            Character.class,
            UUID.class,
            URI.class,
            LocalTime.class,
            Duration.class,
            OffsetDateTime.class,
            ZonedDateTime.class);

    /**
     * Returns the type of a column for a Java type.
     *
     * @param java8Times whether rows contain dates as {@code java.time} objects, as the session is configured
     * @throws IllegalArgumentException if there is none
     */
    static ColumnType of(Class<?> type, boolean java8Times) {
        return new Builder(java8Times, new LinkedHashSet<>()).build(type, type.getSimpleName());
    }

    @Nullable Object convert(@Nullable Object value) {
        return value == null ? null : conversion.apply(value);
    }

    private record Builder(boolean java8Times, LinkedHashSet<Class<?>> open) {

        private ColumnType build(Type type, String where) {
            return switch (type) {
                case Class<?> raw when raw.isArray() -> array(raw.getComponentType(), where);
                case GenericArrayType array -> array(array.getGenericComponentType(), where);
                case Class<?> raw -> plain(raw, where);
                case ParameterizedType parameterized -> container(parameterized, where);
                case WildcardType wildcard -> build(wildcard.getUpperBounds()[0], where);
                default -> throw refusal(type, where);
            };
        }

        private ColumnType plain(Class<?> raw, String where) {
            DataType same = SAME.get(raw);
            if (same != null) {
                return new ColumnType(same, value -> value);
            } else if (TEXT.contains(raw)) {
                return new ColumnType(DataTypes.StringType, Object::toString);
            } else if (raw == BigInteger.class) {
                return new ColumnType(
                        DataTypes.createDecimalType(INTEGER_DIGITS, 0),
                        value -> fitting(new BigDecimal((BigInteger) value)));
            } else if (raw == BigDecimal.class) {
                return new ColumnType(
                        DataTypes.createDecimalType(INTEGER_DIGITS, FRACTION_DIGITS),
                        value -> fitting(((BigDecimal) value).setScale(FRACTION_DIGITS, RoundingMode.HALF_EVEN)));
            } else if (raw == LocalDate.class) {
                return new ColumnType(
                        DataTypes.DateType, value -> java8Times ? value : java.sql.Date.valueOf((LocalDate) value));
            } else if (raw == Instant.class) {
                return new ColumnType(
                        DataTypes.TimestampType,
                        value -> java8Times ? value : java.sql.Timestamp.from((Instant) value));
            } else if (raw == OptionalInt.class) {
                return new ColumnType(DataTypes.IntegerType, value -> orNull((OptionalInt) value));
            } else if (raw == OptionalLong.class) {
                return new ColumnType(DataTypes.LongType, value -> orNull((OptionalLong) value));
            } else if (raw == OptionalDouble.class) {
                return new ColumnType(DataTypes.DoubleType, value -> orNull((OptionalDouble) value));
            } else if (raw.isEnum()) {
                return new ColumnType(DataTypes.StringType, value -> ((Enum<?>) value).name());
            } else if (raw.isRecord()) {
                return struct(raw, where);
            }
            throw refusal(raw, where);
        }

        private ColumnType container(ParameterizedType type, String where) {
            Class<?> raw = (Class<?>) type.getRawType();
            Type[] arguments = type.getActualTypeArguments();
            if (raw == Optional.class) {
                ColumnType element = build(arguments[0], where);
                return new ColumnType(element.sparkType, value -> element.convert(((Optional<?>) value).orElse(null)));
            } else if (Collection.class.isAssignableFrom(raw)) {
                ColumnType element = build(arguments[0], where + "[]");
                return new ColumnType(
                        DataTypes.createArrayType(element.sparkType),
                        value -> sequence((Collection<?>) value, element));
            } else if (Map.class.isAssignableFrom(raw)) {
                ColumnType key = build(arguments[0], where + " keys");
                ColumnType element = build(arguments[1], where + "{}");
                return new ColumnType(
                        DataTypes.createMapType(key.sparkType, element.sparkType),
                        value -> map((Map<?, ?>) value, key, element));
            }
            throw refusal(type, where);
        }

        private ColumnType array(Type component, String where) {
            ColumnType element = build(component, where + "[]");
            return new ColumnType(DataTypes.createArrayType(element.sparkType), value -> {
                List<@Nullable Object> elements = new ArrayList<>();
                for (int i = 0; i < Array.getLength(value); i++) {
                    elements.add(Array.get(value, i));
                }
                return sequence(elements, element);
            });
        }

        private ColumnType struct(Class<?> type, String where) {
            if (type.getTypeParameters().length > 0) {
                throw refusal(type, where, "its type parameters have no values");
            }
            if (!open.add(type)) {
                throw refusal(type, where, "it contains itself, and a column has a fixed depth");
            }
            RecordComponent[] components = type.getRecordComponents();
            List<StructField> fields = new ArrayList<>();
            List<Function<Object, @Nullable Object>> readers = new ArrayList<>();
            for (RecordComponent component : components) {
                if (!component.getAccessor().trySetAccessible()) {
                    throw refusal(type, where, "its module does not open its package");
                }
                ColumnType column = build(component.getGenericType(), where + "." + component.getName());
                fields.add(DataTypes.createStructField(jsonName(component), column.sparkType, true));
                readers.add(owner -> column.convert(read(component, owner)));
            }
            open.remove(type);
            return new ColumnType(
                    DataTypes.createStructType(fields),
                    value -> RowFactory.create(
                            readers.stream().map(reader -> reader.apply(value)).toArray()));
        }
    }

    private static String jsonName(RecordComponent component) {
        Name name = component.getAnnotation(Name.class);
        return name == null ? component.getName() : name.value();
    }

    private static @Nullable Object read(RecordComponent component, Object owner) {
        try {
            return component.getAccessor().invoke(owner);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(
                    "the accessor %s of a record failed".formatted(component.getAccessor()), e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(
                    "the accessor %s was made accessible".formatted(component.getAccessor()), e);
        }
    }

    private static Object sequence(Collection<?> values, ColumnType element) {
        List<@Nullable Object> converted = new ArrayList<>(values.size());
        for (Object value : values) {
            converted.add(element.convert(value));
        }
        return CollectionConverters.asScala(converted).toSeq();
    }

    private static Object map(Map<?, ?> values, ColumnType key, ColumnType element) {
        Map<Object, @Nullable Object> converted = new LinkedHashMap<>();
        values.forEach((k, v) -> converted.put(Objects.requireNonNull(key.convert(k)), element.convert(v)));
        return CollectionConverters.asScala(converted);
    }

    /** Spark would make a number with more digits null without saying so. */
    private static BigDecimal fitting(BigDecimal value) {
        if (value.precision() > INTEGER_DIGITS) {
            throw new RowException("the number %s does not fit a column, which has %d digits of which %d are a fraction"
                    .formatted(value, INTEGER_DIGITS, value.scale()));
        }
        return value;
    }

    private static @Nullable Object orNull(OptionalInt value) {
        return value.isPresent() ? value.getAsInt() : null;
    }

    private static @Nullable Object orNull(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }

    private static @Nullable Object orNull(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }

    private static IllegalArgumentException refusal(Type type, String where) {
        return refusal(
                type,
                where,
                "use a record, an enum, a string, a number, a boolean, a date, a list, a set or a map of those");
    }

    private static IllegalArgumentException refusal(Type type, String where, String reason) {
        return new IllegalArgumentException(
                "%s: the type %s has no form as a column: %s".formatted(where, type.getTypeName(), reason));
    }
}
