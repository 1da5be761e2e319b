package kawi.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import kawi.Name;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnTypeTest {

    enum Color {
        RED,
        GREEN
    }

    record Inner(@Name("the text") String text, @Nullable Integer number) {}

    record Everything(
            String string,
            char character,
            boolean bool,
            byte int8,
            short int16,
            int int32,
            long int64,
            float float32,
            double float64,
            BigInteger integer,
            BigDecimal decimal,
            LocalDate date,
            LocalDateTime dateTime,
            Instant instant,
            LocalTime time,
            Duration duration,
            UUID uuid,
            URI uri,
            Color color,
            Inner inner,
            List<Inner> list,
            Set<Color> set,
            int[] array,
            String[][] arrays,
            Map<String, Integer> map,
            Map<Color, List<Inner>> nested,
            Optional<Inner> present,
            Optional<String> absent,
            OptionalInt optionalInt,
            OptionalLong optionalLong,
            OptionalDouble optionalDouble) {}

    private static final Everything VALUE = new Everything(
            "text",
            'c',
            true,
            (byte) 1,
            (short) 2,
            3,
            4L,
            0.5f,
            0.25,
            new BigInteger("12345678901234567890"),
            new BigDecimal("1.5"),
            LocalDate.of(2026, 2, 3),
            LocalDateTime.of(2026, 2, 3, 4, 5, 6),
            Instant.parse("2026-02-03T04:05:06Z"),
            LocalTime.of(4, 5, 6),
            Duration.ofMinutes(90),
            new UUID(1, 2),
            URI.create("https://example.org/"),
            Color.GREEN,
            new Inner("a", 1),
            List.of(new Inner("b", null), new Inner("c", 2)),
            Set.of(Color.RED),
            new int[] {7, 8},
            new String[][] {{"x"}, {}},
            Map.of("k", 9),
            Map.of(Color.RED, List.of(new Inner("d", 3))),
            Optional.of(new Inner("e", 4)),
            Optional.empty(),
            OptionalInt.of(10),
            OptionalLong.empty(),
            OptionalDouble.of(0.125));

    @Test
    void recordsHaveTheTypesOfTheirComponents() {
        String inner = "struct<the text:string,number:int>";
        assertEquals(
                "struct<string:string,character:string,bool:boolean,int8:tinyint,int16:smallint,int32:int,int64:bigint,"
                        + "float32:float,float64:double,integer:decimal(38,0),decimal:decimal(38,18),date:date,"
                        + "dateTime:timestamp_ntz,instant:timestamp,time:string,duration:string,uuid:string,uri:string,"
                        + "color:string,inner:" + inner + ",list:array<" + inner
                        + ">,set:array<string>,array:array<int>,"
                        + "arrays:array<array<string>>,map:map<string,int>,nested:map<string,array<" + inner + ">>,"
                        + "present:" + inner
                        + ",absent:string,optionalInt:int,optionalLong:bigint,optionalDouble:double>",
                ColumnType.of(Everything.class, false).sparkType().catalogString());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sparkReadsTheValues(boolean java8Times) {
        var spark = LocalSpark.session();
        spark.conf().set("spark.sql.datetime.java8API.enabled", java8Times);
        try {
            ColumnType type = ColumnType.of(Everything.class, java8Times);
            StructType schema = new StructType().add("value", type.sparkType());
            Dataset<Row> rows = spark.createDataFrame(List.of(RowFactory.create(type.convert(VALUE))), schema);
            Row json = rows.selectExpr("to_json(value, map('timeZone', 'UTC'))").first();
            assertEquals(
                    "{'string':'text','character':'c','bool':true,'int8':1,'int16':2,'int32':3,'int64':4,'float32':0.5,"
                            + "'float64':0.25,'integer':12345678901234567890,'decimal':1.500000000000000000,"
                            + "'date':'2026-02-03','dateTime':'2026-02-03T04:05:06.000',"
                            + "'instant':'2026-02-03T04:05:06.000Z','time':'04:05:06','duration':'PT1H30M',"
                            + "'uuid':'00000000-0000-0001-0000-000000000002','uri':'https://example.org/',"
                            + "'color':'GREEN','inner':{'the text':'a','number':1},"
                            + "'list':[{'the text':'b'},{'the text':'c','number':2}],'set':['RED'],'array':[7,8],"
                            + "'arrays':[['x'],[]],'map':{'k':9},'nested':{'RED':[{'the text':'d','number':3}]},"
                            + "'present':{'the text':'e','number':4},'optionalInt':10,'optionalDouble':0.125}",
                    json.getString(0).replace('"', '\''));
        } finally {
            spark.conf().unset("spark.sql.datetime.java8API.enabled");
        }
    }

    record Chain(String text, @Nullable Chain next) {}

    sealed interface Shape permits Circle, Square {}

    record Circle(double radius) implements Shape {}

    record Square(double side) implements Shape {}

    record Drawing(List<Shape> shapes) {}

    record Box<T>(T content) {}

    record Twice(Inner first, Inner second) {}

    @Test
    void refusesWhatHasNoColumn() {
        assertRefused("Chain.next: the type " + Chain.class.getName(), Chain.class);
        assertRefused("Drawing.shapes[]: the type " + Shape.class.getName(), Drawing.class);
        assertRefused("Box: the type " + Box.class.getName(), Box.class);
        assertRefused("Thread: the type java.lang.Thread", Thread.class);
        assertEquals(2, ((StructType) ColumnType.of(Twice.class, false).sparkType()).fields().length);
    }

    private static void assertRefused(String message, Class<?> type) {
        String actual = String.valueOf(assertThrows(IllegalArgumentException.class, () -> ColumnType.of(type, false))
                .getMessage());
        assertTrue(actual.startsWith(message + " has no form as a column: "), actual);
    }

    record Large(BigInteger number) {}

    @Test
    void aNumberThatDoesNotFitIsAnErrorOfItsRow() {
        ColumnType type = ColumnType.of(Large.class, false);
        var value = new Large(BigInteger.TEN.pow(38));
        assertThrows(RowException.class, () -> type.convert(value));
        type.convert(new Large(BigInteger.TEN.pow(38).subtract(BigInteger.ONE)));
    }
}
