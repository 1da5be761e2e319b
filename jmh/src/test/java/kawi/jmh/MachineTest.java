package kawi.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class MachineTest {

    @Test
    void x86ProcessorsHaveFamilyAndModel() {
        assertEquals(", AuthenticAMD family 26 model 2", Machine.processor("""
                processor\t: 0
                vendor_id\t: AuthenticAMD
                cpu family\t: 26
                model\t\t: 2
                model name\t: AMD EPYC

                processor\t: 1
                vendor_id\t: AuthenticAMD
                cpu family\t: 27
                """));
    }

    @Test
    void armProcessorsHaveImplementerAndPart() {
        assertEquals(", implementer 0x41 part 0xd40", Machine.processor("""
                processor\t: 0
                CPU implementer\t: 0x41
                CPU part\t: 0xd40
                """));
    }

    @Test
    void otherProcessorsAreUnknown() {
        assertEquals("", Machine.processor("nothing: known"));
    }
}
