"""Which words and parts of a job title are places."""

import re
from functools import cache


@cache
def placeless() -> re.Pattern[str]:
    """A part that says it is a place: `based in JB`, `San Ramon, CA` (states that are no degree or preposition)."""
    states = (
        "AZ|CA|CT|FL|GA|IL|KS|KY|MI|MN|MO|NC|ND|NE|NH|NJ|NM|NV|NY|OH|RI|SC|SD|TN|TX|UT|VA|VT|WA|WI|WV|WY|DC|NSW|QLD|VIC"
    )
    return re.compile(
        rf"(?<=[-–|,(])\s*[A-Z][\w.']*(?:\s[A-Z][\w.']*){{0,2}},\s*(?:{states})(?![\w-])"
        r"|(?<=[-–|,(])\s*(?i:based|located|basé|basée|placeret)\s(?i:in|at|à|i)\s[^()|,-]+"
    )


@cache
def place_words() -> frozenset[str]:
    """Countries, their people's big cities and regions; none that is also a word of jobs (Reading, Bath, Essen)."""
    return frozenset(
        # countries, and how postings shorten them
        "afghanistan argentina argentine australia australien austria österreich autriche bangladesh "  # noqa: SIM905
        "belgium belgien belgique bolivia brazil brasil bulgaria cameroon canada chile china colombia "
        "congo croatia cyprus czech czechia danmark denmark dänemark danemark deutschland dubai ecuador "
        "egypt españa spain spanien espagne estonia eswatini ethiopia finland france frankreich frankrig "
        "germany tyskland allemagne ghana greece greenland grønland honduras hungary iceland india "
        "indonesia ireland israel italy italia italien japan jordan kenya ke korea kosovo kuwait latvia "
        "lebanon liechtenstein lithuania luxembourg luxemburg malawi malaysia malta mexico méxico moldova "
        "mongolia morocco maroc mozambique myanmar namibia nepal netherlands nederland nigeria norge "
        "norway norwegen oman pakistan panama panamá paraguay peru perú philippines poland polska polen "
        "portugal qatar romania russia rwanda saudi arabia senegal serbia singapore slovakia slovenia "
        "somalia sudan suomi sverige sweden schweden schweiz suisse switzerland svizzera taiwan tanzania "
        "thailand tunisia tunisie turkey türkiye uganda ukraine uruguay usa uk u.s u.k uae venezuela "
        "vietnam zambia zimbabwe america england scotland wales britain kingdom united emirates zealand "
        "africa "
        # wide regions
        "europe europa emea apac latam dach anz nordics scandinavia asia benelux bayern nrw westfalen "
        "sachsen hessen baden württemberg jylland midtjylland sydjylland nordjylland østjylland "
        "vestjylland sjælland fyn bornholm sydgrønland catalunya cataluña andalucía galicia bretagne "
        "normandie occitanie paca québec quebec ontario alberta saskatchewan manitoba queensland tasmania "
        "nsw "
        # big places
        "københavnsområdet storkøbenhavn aarhus århus aalborg ålborg odense københavn copenhagen "
        "kobenhavn kolding vejle horsens randers esbjerg roskilde silkeborg ballerup herlev gladsaxe "
        "herning holstebro viborg svendborg næstved hillerød helsingør frederikssund frederikshavn "
        "fredericia slagelse køge taastrup glostrup brøndby lyngby søborg aabenraa sønderborg skive "
        "thisted haderslev middelfart nuuk qaqortoq berlin hamburg münchen munich muenchen köln cologne "
        "koeln frankfurt stuttgart düsseldorf duesseldorf dortmund leipzig bremen dresden hannover "
        "hanover nürnberg nuremberg duisburg bochum wuppertal bielefeld bonn münster karlsruhe mannheim "
        "augsburg wiesbaden gelsenkirchen mönchengladbach braunschweig chemnitz kiel aachen magdeburg "
        "freiburg krefeld lübeck mainz erfurt oberhausen rostock kassel potsdam saarbrücken heidelberg "
        "darmstadt regensburg ingolstadt würzburg wolfsburg ulm wien vienna graz linz salzburg innsbruck "
        "zürich zurich genf geneva genève basel bern lausanne luzern winterthur zug paris marseille lyon "
        "toulouse nantes montpellier strasbourg bordeaux lille rennes reims toulon grenoble dijon angers "
        "nîmes villeurbanne clermont-ferrand aix-en-provence brest limoges amiens annecy perpignan metz "
        "besançon orléans rouen mulhouse caen nancy valence aubenas privas annonay bruxelles brussels "
        "anvers antwerp gent liège monaco montréal montreal lyonnais madrid barcelona valencia sevilla "
        "zaragoza málaga murcia bilbao alicante córdoba valladolid vigo gijón granada oviedo pamplona "
        "santander salamanca quito guayaquil cuenca ambato manta machala loja riobamba esmeraldas ibarra "
        "latacunga samborondón durán bogotá bogota medellín medellin cali lima santiago caracas "
        "montevideo asunción buenos aires guadalajara monterrey cdmx london manchester birmingham leeds "
        "glasgow edinburgh liverpool bristol sheffield cardiff belfast nottingham leicester coventry "
        "newcastle southampton portsmouth brighton oxford cambridge norwich aberdeen dundee swansea "
        "bedford luton swindon preston bradford wolverhampton plymouth derby exeter dublin galway "
        "limerick amsterdam rotterdam utrecht eindhoven hague stockholm göteborg malmö oslo bergen "
        "trondheim helsinki espoo tampere reykjavik warsaw warszawa kraków krakow wrocław wroclaw gdańsk "
        "gdansk poznań poznan łódź katowice lublin prague praha brno bratislava budapest bucharest sofia "
        "belgrade zagreb athens lisbon lisboa porto rome roma milan milano turin torino naples napoli "
        "bologna florence firenze istanbul ankara moscow kyiv kiev vilnius riga tallinn york brooklyn "
        "manhattan francisco san los angeles diego jose chicago boston houston dallas austin atlanta "
        "seattle denver miami philadelphia portland detroit minneapolis baltimore sacramento oakland "
        "phoenix vegas las tampa orlando charlotte nashville pittsburgh cincinnati cleveland milwaukee "
        "honolulu redmond sunnyvale cupertino pasadena irvine menlo mountain-view palo-alto washington "
        "jersey california texas florida arizona nevada oregon colorado illinois michigan ohio "
        "pennsylvania massachusetts connecticut virginia carolina tennessee kentucky alabama louisiana "
        "missouri minnesota wisconsin iowa kansas nebraska oklahoma utah montana idaho wyoming alaska "
        "hawaii maryland delaware vermont indiana mississippi arkansas dakota hampshire toronto vancouver "
        "calgary edmonton ottawa winnipeg halifax sydney melbourne brisbane perth adelaide canberra "
        "darwin hobart mornington auckland christchurch nairobi mombasa kisumu nakuru eldoret kampala "
        "kigali addis ababa lagos abuja accra johannesburg durban cairo casablanca rabat tunis dakar "
        "hanoi hanói saigon hcm hcmc hn chi minh ho danang nang bangkok jakarta manila kuala lumpur kl "
        "penang johor bahru selangor petaling jaya mumbai bangalore bengaluru delhi hyderabad chennai "
        "pune kolkata gurgaon noida karachi lahore dhaka colombo kathmandu beijing shanghai shenzhen "
        "guangzhou hong kong taipei seoul tokyo osaka tel-aviv jerusalem doha riyadh jeddah abu dhabi "
        "sharjah beirut amman".split()
    )
