/** The tests that the simulator keeps in its own package belong to this tier as well. */
import "../../../../lab/ontap/tests/clients/ansible.test";
import "../../../../lab/ontap/tests/clients/netappOntap.test";
import "../../../../lab/ontap/tests/packed.test";
